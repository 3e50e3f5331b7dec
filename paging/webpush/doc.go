// Package webpush sends pages as pushes to browsers, without an account anywhere:
// Web Push (RFC 8030) by keys of the daemon's own.
//
// The tour: services.go says which push services there are, and what a
// subscription may be; keys.go makes the daemon's keys and keeps them as a record of
// the house; message.go is what a push carries; send.go hands it to its push
// service, encrypted (RFC 8291) and signed (RFC 8292) by webpush-go; class.go is the
// one table that says what an answer means for a page; network.go is the way out,
// which leads to nobody inside the network. shown.go makes and reads the tokens by
// which a phone says that it showed a push.
package webpush
