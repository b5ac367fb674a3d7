// The library of the samples, in the version that they are run with.
module tabproof/samples

go 1.21

require github.com/golang-jwt/jwt/v5 v5.3.1
