# Archives made here, since the repository stores no secret; the same bytes whoever makes them.
mkdir -p app/config
printf 'TOKEN = "%s"\n' 'ghp_${alnum:30}${checksum}' > app/config/settings.py
echo 'nothing here' > app/readme.txt
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=,u=rwX "$@"; }
pack -cf app.tar app
gzip -n app.tar
gzip -nc app/config/settings.py > settings.py.gz
pack -cf nested.tar app.tar.gz
rm -r app
