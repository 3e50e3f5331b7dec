// Package archive keeps everything of every ticket in an SQL database, which
// lists, searches and keeps for years: SQLite beside a daemon's own file, or
// PostgreSQL for several daemons (docs/adr/0064-the-archive.md).
//
// # The follower
//
// The archive follows the store (follow.go). A store keeps a log of the tickets
// that change, written in the commits that change them. The follower reads what
// comes after its position, writes it, and moves the position in the same
// transaction (write.go). So a daemon that dies loses nothing and copies nothing
// twice, and an archive that comes back from a backup goes on from the position
// that it had then. Any daemon may follow. The position is written only if it
// is still where the follower read it.
//
// Paging never reads the archive and never waits for it.
//
// # Reading
//
// Every read takes a ticket.Scope: whose tickets it may show. Search lists
// tickets (search.go, query.go), the best first if words are looked for
// (words.go). View reads one whole.
//
// # Two databases
//
// The SQL is the same for both, but for placeholders and the words of tickets
// (dialect.go). Migrations are numbered, only go forward, and are run at the
// start by one daemon (migrate.go). Package archivetest has the suite that both
// pass.
package archive
