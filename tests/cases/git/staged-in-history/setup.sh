git init -q -b main .
echo x > y; git add .; git commit -qm x; echo "t = ghp_${alnum:30}${checksum}" | tee a > b; git add .; rm b
