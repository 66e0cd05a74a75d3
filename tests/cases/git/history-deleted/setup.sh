git init -q -b main .
mkdir config
echo "key: ghp_${alnum:30}${checksum}" > config/app.yml
git add . && git commit -qm "add the key"
git rm -q config/app.yml && git commit -qm "remove it"
echo x > y && git add . && git commit -qm y
