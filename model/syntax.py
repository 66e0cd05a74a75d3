"""One name and value in the syntaxes of many files.

The labelled lines show each name in the syntax of its own project. Written anew in others, true and false
ones alike, they teach that it is the name and the value that tell, and what each syntax looks like.
"""

import random
import re

# Extension, style of the name, and lines. NAME and VALUE are put in.
TEMPLATES = [
    ("py", "snake", 'NAME = "VALUE"'),
    ("py", "snake", "    NAME='VALUE',"),
    ("py", "snake", 'client = connect("db.internal", user="app", NAME="VALUE")'),
    ("py", "snake", 'self.assertEqual(config.NAME, "VALUE")'),
    ("py", "snake", '    "NAME": "VALUE",'),
    ("py", "upper", 'NAME = os.environ.get("NAME", "VALUE")'),
    ("py", "snake", 'config["NAME"] = "VALUE"'),
    ("py", "snake", 'dsn = "host=db user=app NAME=VALUE dbname=shop"'),
    ("js", "camel", "const NAME = 'VALUE';"),
    ("js", "camel", '  NAME: "VALUE",'),
    ("js", "camel", 'const NAME = process.env.NAME || "VALUE";'),
    ("js", "camel", 'connect({ user: "app", NAME: "VALUE" });'),
    ("ts", "camel", 'private readonly NAME: string = "VALUE";'),
    ("java", "camel", 'String NAME = "VALUE";'),
    ("java", "upper", 'private static final String NAME = "VALUE";'),
    ("java", "dotted", 'properties.setProperty("NAME", "VALUE");'),
    ("java", "pascal", 'builder.setNAME("VALUE");'),
    ("java", "pascal", '.withNAME("VALUE")'),
    ("cs", "pascal", 'options.NAME = "VALUE";'),
    ("cs", "pascal", 'var connection = "Server=db;Database=shop;User Id=app;NAME=VALUE;";'),
    ("go", "pascal", '\tcfg.NAME = "VALUE"'),
    ("go", "camel", '\tNAME := "VALUE"'),
    ("go", "pascal", '\t\tNAME: "VALUE",'),
    ("go", "snake", '\tdb, err := sql.Open("postgres", "user=app NAME=VALUE dbname=shop")'),
    ("rb", "snake", "  NAME: 'VALUE',"),
    ("rb", "upper", "ENV['NAME'] = 'VALUE'"),
    ("rb", "snake", "config.NAME = 'VALUE'"),
    ("php", "snake", "$NAME = 'VALUE';"),
    ("php", "snake", "    'NAME' => 'VALUE',"),
    ("php", "upper", "define('NAME', 'VALUE');"),
    ("yml", "snake", "  NAME: VALUE"),
    ("yml", "camel", '  NAME: "VALUE"'),
    ("yml", "upper", "      - NAME=VALUE"),
    ("yml", "upper", "        - name: NAME\n          value: VALUE"),
    ("json", "camel", '  "NAME": "VALUE",'),
    ("json", "snake", '  "NAME": "VALUE"'),
    ("properties", "dotted", "NAME=VALUE"),
    ("properties", "dotted", "NAME = VALUE"),
    ("env", "upper", "NAME=VALUE"),
    ("env", "upper", 'NAME="VALUE"'),
    ("ini", "snake", "NAME = VALUE"),
    ("conf", "kebab", "NAME VALUE"),
    ("toml", "snake", 'NAME = "VALUE"'),
    ("tf", "snake", '  NAME = "VALUE"'),
    ("xml", "camel", "  <NAME>VALUE</NAME>"),
    ("xml", "dotted", '  <property name="NAME" value="VALUE"/>'),
    ("config", "pascal", '  <add key="NAME" value="VALUE" />'),
    ("sh", "upper", "export NAME=VALUE"),
    ("sh", "upper", 'NAME="VALUE"'),
    ("sh", "kebab", "tool deploy --user app --NAME VALUE --verbose"),
    ("sh", "kebab", "tool deploy --NAME=VALUE"),
    ("ps1", "pascal", '$NAME = "VALUE"'),
    ("ps1", "pascal", 'Connect-Server -User app -NAME "VALUE"'),
    ("Dockerfile", "upper", "ENV NAME=VALUE"),
    ("Dockerfile", "upper", "ENV NAME VALUE"),
    ("md", "title", "NAME: VALUE"),
    ("md", "title", "- **NAME**: `VALUE`"),
    ("md", "upper", "    export NAME=VALUE"),
    ("md", "words", "Log in with the NAME `VALUE`."),
    ("log", "snake", "2024-03-01 12:00:00 DEBUG connected user=app NAME=VALUE"),
]


def words(name: str) -> list[str]:
    """The words of a name in any style, in small letters."""
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def styled(name: str, style: str) -> str:
    parts = words(name)
    match style:
        case "snake":
            return "_".join(parts)
        case "upper":
            return "_".join(parts).upper()
        case "kebab":
            return "-".join(parts)
        case "dotted":
            return ".".join(parts)
        case "camel":
            return parts[0] + "".join(part.capitalize() for part in parts[1:])
        case "pascal":
            return "".join(part.capitalize() for part in parts)
        case "title":
            return " ".join(parts).capitalize()
        case _:
            return " ".join(parts)


def rewrite(rng: random.Random, path: str, name: str, value: str) -> tuple[str, str, int] | None:
    """A path, a line, and where the value stands in it; none where the value does not fit."""
    extension, style, template = rng.choice(TEMPLATES)
    in_quotes = re.search(r"[\"'`]VALUE", template)
    if not words(name) or re.search(r"[\"'`\\\n<>]", value) or (not in_quotes and re.search(r"[\s,;#]", value)):
        return None
    folder = path.rsplit("/", 1)[0]
    file = extension if extension == "Dockerfile" else f"file.{extension}"
    line = template.replace("NAME", styled(name, style))
    start = line.index("VALUE")
    return f"{folder}/{file}", line.replace("VALUE", value), start
