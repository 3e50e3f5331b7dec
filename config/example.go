package config

import _ "embed" // for the example

//go:embed astreinte.example.yml
var example []byte

// Example is the reference example, as the file that `astreinte check` accepts
// once its secret files exist.
func Example() []byte { return append([]byte(nil), example...) }
