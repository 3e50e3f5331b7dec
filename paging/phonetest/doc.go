// Package phonetest is a stand-in for the providers that carry pages: one
// in-memory World of phones behind three HTTP faces, Twilio's Messages API, FCM
// HTTP v1 and the push service of browsers (RFC 8030), which answer as the providers' documentation says, errors
// included. A test speaks in phones and never sees the wire:
//
//	w := phonetest.New(phonetest.Options{PublicURL: "https://astreinte.example.net", Daemon: daemonURL})
//	alice := w.Phone("alice", "+33612345601")
//	page := alice.ExpectSMS(t, "HostDown")
//	reply := page.Reply(t, page.Code()+" OK")
//
// The tour: twilio.go and fcm.go are the faces, oauth.go the token endpoint and
// the service account that fits it; subscription.go are the phones' browsers,
// webpush.go their push service, and aes128gcm.go reads what it carries, as a browser
// does; settle.go is what the faces share: an
// order is refused, lost or carried to its phone. receipt.go and inbound.go are
// the way back: signed status callbacks and texts. fault.go is what can go
// wrong on command. phone.go, message.go and expect.go are the language of the
// tests; server.go and transport.go serve the faces on a loopback listener or,
// for testing/synctest bubbles, without any socket.
//
// The package is part of the demo as well, so it imports neither testing nor
// any other package of the project; TB is what it needs of a *testing.T.
package phonetest
