// Package signin is how people sign in to the console, and how they stay so.
//
// All that it keeps are records of the house (internal/records): an account a
// person, which has the hash of the password and who the person is elsewhere; a
// session for each browser; invitations; browsers that have signed in before;
// passkeys. Of a token that somebody else holds only the hash is kept.
//
// A [Book] has the rules. A session is read from the store on each request, and
// its person from the configuration in force, so that whatever ends a session
// ends it at once, on all daemons. A session that was seen within the last hour
// is remembered, for a store that is away ([Book.Remembered]).
//
// Each sign-in writes the account anew, by the revision that it read, together
// with the session. So a sign-in never overtakes what ends sessions: that writes
// the account first, and looks for sessions after.
//
// [Pages] are the pages and the routes of the API, for web.Server.Mount. Nothing
// in them tells who exists: each try computes a hash, of nobody's password if
// there is none.
package signin
