# A download that was cut off.
seq 1 5000 | gzip > whole.gz
head -c 5000 whole.gz > numbers.txt.gz
rm whole.gz
