# The report of a scan as the summary of a job.
include "markdown";
def href: $blob + (.history.commit.id // $head) + "/" + (.path | split("/") | map(@uri) | join("/")) + "#L\(.start.line)";
# Files and blobs are at an address on the server; messages, members of archives and images are not.
def where:
  "\(.path)\(.members | map("!" + .) | add // ""):\(.start.line)" as $place
  | if (.members == []) and ((.history.commit.id // null) != null) and (.kind == "git-blob" or .kind == "file")
    then "<a href=\"\(href)\">\($place | code)</a>" else $place | code end;
[.findings[] | select(.status.state == "open")] as $open
| [.findings[] | select(.status.state != "open")] as $accepted
| (if ($open | length) > 0 then "### keystrel: \($open | length) found (\($open | tally))"
   elif $code == "0" then "### keystrel: nothing found"
   else "### keystrel: could not tell" end),
  "",
  "Looked at \($reason | prose): \(.counts.files) files, \(.counts.objects) objects of \(.counts.commits) commits, \(.counts.bytes) bytes."
  + (if ($accepted | length) > 0 then " \($accepted | length) accepted." else "" end),
  (if ($open | length) > 0 then
    "",
    "| severity | rule | where | value | since | what to do |",
    "|---|---|---|---|---|---|",
    ($open | sort_by(rank)[:shown][]
      | "| \(.severity) | \(.rule | code) | \(where) | \(if (.preview // "") == "" then "" else .preview | code end) | \(.history.commit.id // "" | .[:12]) | \(.rotation // "" | prose) |"),
    more($open | length),
    "",
    "Rotate what leaked first: removing it from the files does not undo that it was read. A false alarm is accepted by `keystrel:allow` on its line, `.keystrelignore` or a baseline."
  else empty end),
  gaps([.skipped[] | select(.lost)])
