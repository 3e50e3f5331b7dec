// Package fcm sends pages as pushes to phones and browsers through Firebase
// Cloud Messaging, HTTP v1.
//
// The tour: [New] reads a service account's key and makes the [Sender], a
// paging.Channel. message.go says what a push carries on each platform.
// send.go hands it to Firebase's SDK. call.go is the SDK's way to the network,
// one for each push: it authenticates the push, keeps the answer and lets the
// SDK try only once, because the outbox decides when to try again. token.go
// fetches the access tokens. class.go has the one table that says what an
// answer means for a page.
package fcm
