# Made here: a .gitignore in the case's folder would be for this repository too.
git init -q .
printf '.env\nbuild\n' > .gitignore
echo 'KEY=sk-ant-api03-${base64url:93}AA' > .env
mkdir build
echo 'KEY=sk-ant-api03-${base64url:93}AA' > build/out.txt
