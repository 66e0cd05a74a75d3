package user.x
foo contains f if { nope(1) }
