git init -q -b main .
echo x > y; git add .; git commit -qm x
