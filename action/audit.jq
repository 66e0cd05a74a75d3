# The report of an audit as the summary of a job.
include "markdown";
.controls as $controls
| [.checks[] | select(.verdict == "fail")] as $failed
| [.checks[] | select(.verdict == "unknown")] as $unknown
| (if ($failed | length) > 0 then "### keystrel: \($failed | length) findings in secret stores (\($failed | tally))"
   elif $code == "0" then "### keystrel: all controls hold"
   else "### keystrel: could not tell" end),
  "",
  "| store | read | facts | gaps |",
  "|---|---|---|---|",
  (.stores[] | "| \(.source | code) | \(.now | plain) | \([.facts[]] | add // 0) | \(.gaps | length) |"),
  (if ($failed | length) > 0 then
    "",
    "| severity | control | resources | what to do |",
    "|---|---|---|---|",
    ($failed | group_by(.control) | sort_by(.[0] | rank)[:shown][]
      | $controls[.[0].control] as $control
      | "| \(.[0].severity) | \($control.title | prose)<br>\(.[0].control | code) | \(.[:5] | map(.resource | code) | join("<br>"))\(if length > 5 then "<br>and \(length - 5) more" else "" end) | \($control.remediation | prose) |"),
    more($failed | group_by(.control) | length)
  else empty end),
  (if ($unknown | length) > 0 then
    "", "\($unknown | length) checks could not tell, for want of what could not be read." else empty end),
  (if (.frameworks | length) > 0 then
    "",
    "| framework | met | not met | unknown | does not apply |",
    "|---|---|---|---|---|",
    (.frameworks[] | (.requirements | group_by(.standing) | map({(.[0].standing): length}) | add // {}) as $standing
      | "| \(.title | plain) | \($standing.met // 0) | \($standing["not-met"] // 0) | \($standing.unknown // 0) | \($standing["not-applicable"] // 0) |")
  else empty end),
  gaps([.lost[] | {what: .store, why}] + [.stores[].gaps[] | {what, why}])
