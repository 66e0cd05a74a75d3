package dockerfile

// FROM scratch
