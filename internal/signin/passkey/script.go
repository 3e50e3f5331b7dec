package passkey

import _ "embed"

// Script is what a page needs to ask a device for a passkey: forms with
// data-passkey, which are hidden until it runs.
//
//go:embed passkey.js
var Script []byte
