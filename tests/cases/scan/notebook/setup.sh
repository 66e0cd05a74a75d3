# Found in the text of the file, and so not again in its cell.
cat > work.ipynb <<'END'
{
 "cells": [
  {
   "cell_type": "code",
   "source": ["TOKEN = \"ghp_${alnum:30}${checksum}\"\n"]
  }
 ],
 "nbformat": 4
}
END
