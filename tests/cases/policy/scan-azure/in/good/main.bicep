@secure()
param greeting string
param place string = 'westeurope'
