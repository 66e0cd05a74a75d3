git init -q -b main .
echo x > y; git add .; git commit -qm x; git tag -a v1 -m "key ghp_${alnum:30}${checksum}"
