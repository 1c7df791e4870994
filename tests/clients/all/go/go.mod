module example.com/risk/roundtrip

go 1.23

require example.com/risk/registry v0.0.0

require gopkg.in/validator.v2 v2.0.1 // indirect

// What openapi-generator made, beside the copy of this folder under target/clients, and Debian's package of what it uses.
replace example.com/risk/registry => ../registry

replace gopkg.in/validator.v2 => ../validator
