git init -q -b main .
echo "t = ghp_${alnum:30}${checksum}" > y; git add .; git commit -qm x; echo more >> y; git add y
