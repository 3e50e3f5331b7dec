// Package client speaks to a daemon's API for the commands: it lists tickets,
// shows one, acts on it, and asks who is on call.
//
// [New] makes a [Client]; each method is one request. What comes back is kept
// twice: decoded, in the few fields that a terminal shows, and as the API wrote
// it (Raw), for those who asked for JSON. An answer that is no success is an
// [*Error] with the API's own words. No error ever holds the token.
package client
