git init -q -b main .
echo "key: ghp_${alnum:30}${checksum}" > app.yml
git add . && git commit -qm "add the key"
sed -i "1i first: 1" app.yml; git commit -qam two
sed -i "1i zeroth: 1" app.yml; git commit -qam three
