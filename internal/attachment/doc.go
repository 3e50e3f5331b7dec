// Package attachment keeps the files that people attach to tickets, in a
// folder that several daemons may share. What is known of a file is on its
// ticket (ticket.Sheet). The folder has the bytes.
//
// A file comes into the part "incoming" of the folder, and is there whole and
// synced before its ticket names it. Then it moves to its place: a folder of
// its ticket, below "kept". Readers look in both. A file leaves in the opposite
// order: a mark in "leaving", the ticket, the file, the mark. So a daemon that
// dies anywhere leaves nothing but an entry in "incoming" or "leaving", and
// [Folder.Sweep] asks the ticket what it is worth. Sweep also removes the
// folders of tickets that are gone.
//
// No name that a person gave is ever a path: a file's name is its ID.
package attachment
