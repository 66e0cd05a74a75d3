# What both summaries share. Texts are of strangers: none may become markup, a link or a mention.
def plain:
  gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;") | gsub("\\\\"; "&#92;")
  | gsub("`"; "&#96;") | gsub("\\|"; "&#124;") | gsub("\\*"; "&#42;") | gsub("_"; "&#95;") | gsub("\\["; "&#91;")
  | gsub("\\]"; "&#93;") | gsub("~"; "&#126;") | gsub("@"; "&#64;") | gsub("\\$"; "&#36;") | gsub(":"; "&#58;")
  | gsub("www\\."; "www&#46;") | gsub("[\\x00-\\x1f\\x7f]+"; " ");
def code: "<code>\(plain)</code>";
# What stands between backticks as code, if each has its other half.
def prose: plain | split("&#96;") as $parts
  | if ($parts | length) % 2 == 1
    then [range($parts | length) | if . % 2 == 1 then "<code>\($parts[.])</code>" else $parts[.] end] | add
    else $parts | join("&#96;") end;
def rank: {critical: 0, high: 1, medium: 2, low: 3, info: 4}[.severity];
# How many there are of each severity, worst first.
def tally: group_by(rank) | map("\(length) \(.[0].severity)") | join(", ");
# Rows that a summary shows: GitHub takes 1 MiB for each step.
def shown: 100;
def more($count): if $count > shown then "\n\($count - shown) more are in the reports.\n" else empty end;
def gaps($rows): if ($rows | length) > 0
  then "\n**Not everything could be read:**\n\n" + ($rows[:20] | map("- \(.what | code): \(.why | prose)\n") | add)
    + (if ($rows | length) > 20 then "- and \(($rows | length) - 20) more\n" else "" end)
  else empty end;
