# An archive as `docker save` writes it: a file that a later layer deletes, and a build argument.
pack() { tar --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rw,go=r -C "$1" -cf "$2" $3; }
mkdir -p base app gone out
echo hello > base/motd
printf 'GITHUB_TOKEN=%s\n' 'ghp_${alnum:30}${checksum}' > app/.env
: > gone/.wh..env
pack base out/0.tar motd
pack app out/1.tar .env
pack gone out/2.tar .wh..env
cat > out/config.json <<'JSON'
{"os":"linux","architecture":"amd64","config":{"Env":["PATH=/bin"],"Cmd":["/app"]},
 "rootfs":{"type":"layers"},
 "history":[
  {"created_by":"/bin/sh -c #(nop) ADD file:0 in / "},
  {"created_by":"/bin/sh -c #(nop)  CMD [\"sh\"]","empty_layer":true},
  {"created_by":"COPY .env / # buildkit"},
  {"created_by":"RUN |1 LEVEL=3 /bin/sh -c rm /.env # buildkit"},
  {"created_by":"CMD [\"/app\"]","empty_layer":true}]}
JSON
echo '[{"Config":"config.json","RepoTags":["demo:1"],"Layers":["0.tar","1.tar","2.tar"]}]' > out/manifest.json
pack out image.tar '.'
rm -r base app gone out
