# An archive that was committed, and removed again.
git init -q -b main .
mkdir app
echo "key: ghp_${alnum:30}${checksum}" > app/app.yml
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=,u=rwX -cf app.tar app
gzip -n app.tar
rm -r app
git add . && git commit -qm "add a release"
git rm -q app.tar.gz && git commit -qm "remove it"
echo x > y && git add . && git commit -qm y
