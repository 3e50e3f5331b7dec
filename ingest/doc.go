// Package ingest takes what monitoring tools post and turns it into alerts.
//
// A request is authenticated, its size bounded, its body parsed by the reader
// of the source's type (one file per tool), and its alerts handed to a
// [Taker]. Only when that has made them durable is the answer a 2xx; where it
// could not, the answer is 503, so that the sender tries again. What is wrong
// with a body is answered with 400 and the place, and never loses the alerts
// of the same request that were right.
package ingest
