// Package ingest takes what monitoring tools post and turns it into alerts.
//
// The handler authenticates a request and bounds its size. The reader of the
// source's type parses the body (one file per tool). The alerts go to a
// [Taker]. The answer is a 2xx only once the Taker has made them durable. If
// it could not, the answer is 503, so that the sender tries again. If
// something in a body is wrong, the answer is 400 and names the place. The
// right alerts of the same request are taken all the same.
package ingest
