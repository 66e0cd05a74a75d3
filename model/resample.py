"""Values as people and machines make them.

The labelled lines hold random letters where a true value was and natural text where a false one is, so that
a model of the value alone would learn the replacement and not the secret. Here true values become passwords
as people choose them or tokens as machines make them, and false ones change places among their kind.
"""

import random
import re
import string

from zxcvbn.frequency_lists import FREQUENCY_LISTS

WORDS = [w for w in FREQUENCY_LISTS["english_wikipedia"][:12000] if w.isalpha() and 4 <= len(w) <= 9]
FILM = [w for w in FREQUENCY_LISTS["us_tv_and_film"][:9000] if w.isalpha() and 3 <= len(w) <= 9]
NAMES = [*FREQUENCY_LISTS["female_names"][:1200], *FREQUENCY_LISTS["male_names"][:800]]
SURNAMES = [w for w in FREQUENCY_LISTS["surnames"][:4000] if w.isalpha()]
# The most frequent ones are what documentation uses: nobody's secret.
CHOSEN = [w for w in FREQUENCY_LISTS["passwords"][400:20000] if len(w) >= 5]
KEYBOARD = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "poiuytrewq"]
SERVICES = ["mysql", "postgres", "redis", "admin", "root", "mongo", "rabbit", "jenkins", "ldap", "app", "ftp", "db"]
LEET = str.maketrans({"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7"})
ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "alnum": string.ascii_letters + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
}


def _word(rng: random.Random) -> str:
    return rng.choice(rng.choice([WORDS, WORDS, FILM, NAMES, SURNAMES])).lower()


def _cased(rng: random.Random, word: str) -> str:
    return rng.choices([word, word.capitalize(), word.upper()], [6, 4, 0.5])[0]


def _tail(rng: random.Random) -> str:
    digits = rng.choice(
        [str(rng.randint(0, 9)), f"{rng.randint(0, 99):02}", f"{rng.randint(0, 999):03}", str(rng.randint(1960, 2026))]
    )
    return digits + rng.choice(["", "", "", "!", "#", "@", "$", "!!", "."])


def password(rng: random.Random) -> str:
    """A password as a person chooses it."""
    match rng.choices(range(10), [22, 16, 10, 8, 8, 6, 8, 14, 4, 4])[0]:
        case 0:
            return _cased(rng, _word(rng)) + _tail(rng)
        case 1:
            joint = rng.choice(["", "", "-", "_", ".", str(rng.randint(0, 99))])
            return joint.join(_cased(rng, _word(rng)) for _ in range(rng.choice([2, 2, 3])))
        case 2:
            return "".join(c.translate(LEET) if rng.random() < 0.6 else c for c in _cased(rng, _word(rng))) + _tail(rng)
        case 3:
            return _cased(rng, rng.choice(NAMES)) + str(rng.randint(1950, 2026))
        case 4:
            line = rng.choice(KEYBOARD)
            start = rng.randrange(0, max(1, len(line) - 5))
            return _cased(rng, line[start : start + rng.randint(5, 9)]) + rng.choice(["", _tail(rng)])
        case 5:
            return rng.choice(SERVICES) + rng.choice(["", "_", "-", "@"]) + _cased(rng, _word(rng)) + rng.choice(["", _tail(rng)])
        case 6:
            return rng.choice(CHOSEN)
        case 7:
            return _word(rng)
        case 8:
            return "-".join(_word(rng) for _ in range(4))
        case _:
            marks = "!@#%^*()-_+=.:?"
            return "".join(rng.choice(string.ascii_letters + string.digits * 2 + marks) for _ in range(rng.randint(8, 18)))


def token(rng: random.Random, length: int = 0) -> str:
    """A token as a machine makes it."""
    name = rng.choices(list(ALPHABETS), [20, 3, 30, 12, 5, 12, 12, 4])[0]
    if not length or rng.random() < 0.5:
        length = rng.choice([16, 20, 22, 24, 27, 30, 32, 32, 36, 40, 40, 43, 44, 48, 64, 64, 86])
    made = "".join(rng.choice(ALPHABETS[name]) for _ in range(length))
    if name == "base64" and length % 4:
        made += "=" * min(2, 4 - length % 4)
    return made


def secret(rng: random.Random, value: str) -> str:
    """Another secret of the kind that `value` is: typed by a person or made by a machine."""
    by_machine = len(value) >= 20 and re.search(r"\d", value) or re.fullmatch(r"[0-9a-fA-F]{16,}", value)
    if rng.random() < (0.1 if by_machine else 0.78):
        return password(rng)
    return token(rng, len(value) if by_machine else rng.randint(8, 24))


def kind(value: str) -> str:
    """The kind of a false value: those of one kind may change places."""
    if re.fullmatch(r"[0-9a-fA-F-]{16,}", value):
        return "hex"
    if re.search(r"\s", value):
        return "phrase"
    if re.search(r"[(){}\[\]<>$%]", value):
        return "code"
    if re.search(r"[/\\:@]", value):
        return "path"
    if re.fullmatch(r"[\d.,+-]+", value):
        return "number"
    if re.fullmatch(r"[a-z]+", value):
        return "word"
    if re.fullmatch(r"[A-Za-z_.-]+", value):
        return "name"
    return "other"


def placeholder(rng: random.Random) -> str:
    """What documentation writes where a value belongs."""
    what = rng.choice(["password", "token", "secret", "key", "api_key", "api-key", "access_token"])
    form = rng.choice(
        ["your_{}", "your-{}", "my_{}", "my{}", "YOUR_{}", "<{}>", "{}", "{}_here", "xxxxxxxx", "changeme", "example-{}",
         "test_{}", "test{}", "some-{}", "fake_{}", "dummy-{}", "{}123", "INSERT_{}_HERE", "foobar", "new{}", "invalid_{}"]
    )
    made = form.format(what)
    return made.upper() if form.isupper() else made
