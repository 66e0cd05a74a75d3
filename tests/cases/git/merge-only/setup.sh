git init -q -b main .
echo x > y; git add .; git commit -qm x; git checkout -qb side; echo a > a; git add .; git commit -qm a; git checkout -q main; echo b > b; git add .; git commit -qm b; git merge -q --no-commit side; echo "t = ghp_${alnum:30}${checksum}" > evil; git add .; git commit -qm merge; git rm -q evil; git commit -qm gone
