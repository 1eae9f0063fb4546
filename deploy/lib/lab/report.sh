# shellcheck shell=bash disable=SC2034,SC2154
# How long each phase of one server took, how many bytes came over the lab's network, and which applications were real.
# Sourced by deploy/lab.

# report FOLDER ID STATUS: STATUS is a file with the job's status as the API gives it.
report() {
  local folder=$1 id=$2 status=$3 address
  address=$(<"$folder/$id/address")
  jq --raw-output --null-input --slurpfile status "$status" --arg address "$address" --argjson started "$(<"$folder/$id/started")" \
    --slurpfile requests "$folder/internet/access.log" --rawfile images "$folder/internet/registry/report" "$REPORT"
}

# shellcheck disable=SC2016
readonly REPORT='
def seconds: capture("^(?<whole>[^.Z+]+)(?<rest>[.][0-9]+)?") | (.whole + "Z" | fromdate) + ("0" + (.rest // "") | tonumber);
def pad($width): (tostring + " " * $width)[:$width];
def left($width): (" " * $width + tostring)[-$width:];
def fixed: (. * 10 | round) | "\(. / 10 | floor).\(. % 10)";
def line($name; $seconds; $bytes): "\($name | pad(24))\(if $seconds == null then "" else $seconds | fixed end | left(9))\(if $bytes == null then "" else $bytes end | left(13))";
def spent: map(.size) | add // 0;

($status[0].timeline | map(. + {at: (.at | seconds)})) as $events
| ($requests | map(select(.request.remote_ip == $address))) as $mine
| ($mine | map(select(.request.host == "registry.lab"))) as $pulls
| def stage($name): $events | map(select(.stage == $name)) | first | .at;
  def state($name): $events | map(select(.state == $name and .kind == "state")) | first | .at;
  def span($from; $to): if $from and $to then $to - $from else null end;
"phase                     seconds        bytes",
line("boot"; span($started; stage("boot")); null),
line("packages"; span(stage("boot"); stage("packages")); $mine | map(select(.request.host == "packages.lab")) | spent),
line("download"; span(stage("packages"); stage("wopr_download")); $mine | map(select(.request.uri | startswith("/api/installer/"))) | spent),
line("pulls"; if $pulls == [] then null else ($pulls | map(.ts) | max) - ($pulls | map(.ts - .duration) | min) end; $pulls | spent),
($status[0].modules[] | .id as $id
  | ($events | map(select(.module == $id))) as $own
  | line("  " + $id; if ($own | length) < 2 then null else $own[-1].at - $own[0].at end; null)),
line("verification"; span(state("verifying"); state("generating_docs")); null),
line("total, \($status[0].state)"; span($started; $events[-1].at); $mine | spent),
"",
($images | split("\n") | map(select(. != "" and (split(" ")[1] as $image | $image[:($image | rindex(":"))] as $name
  | any($pulls[].request.uri; startswith("/v2/" + $name + "/"))))) | .[])
'
