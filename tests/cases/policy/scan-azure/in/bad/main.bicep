@description('what it says')
@secure()
param greeting string = 'good morning'
