git init -q -b main .
echo "old: ghp_${alnum:30}${checksum}" > y; git add .; git commit -qm x; echo "new: npm_${alnum:30}${checksum}" >> y; git commit -qam more
