package config

import _ "embed" // for the example

//go:embed astreinte.example.yml
var example []byte

// Example is the reference example. `astreinte check` accepts it once its
// secret files exist.
func Example() []byte { return append([]byte(nil), example...) }
