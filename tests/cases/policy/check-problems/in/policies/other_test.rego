package user.other

import data.user.shop
