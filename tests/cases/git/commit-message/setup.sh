git init -q -b main .
echo x > y; git add .; git commit -qm "use ghp_${alnum:30}${checksum}"
