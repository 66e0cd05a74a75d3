git init -q -b main .
mkdir sub; echo "old: ghp_${alnum:30}${checksum}" > sub/y; git add .; git commit -qm x
