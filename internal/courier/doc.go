// Package courier brings what a monitoring tool's notification command says to a
// daemon, and loses nothing of it while no daemon answers.
//
// A [Spool] is a folder. [Spool.Keep] puts a message into it, on the disk before
// it returns; any number of processes may do so at the same time. One process at a
// time sends, the one that holds the folder's lock ([Spool.Hold]): the oldest
// message first, many in one request. What the daemon refuses for good goes into
// the folder refused, which has a bound.
//
// [Bring] is what the command does: it keeps the message, sends for a few
// seconds, and then leaves the lock to a process of its own in the background, so
// that the tool goes on. That process ends when the spool is empty ([Flush]).
package courier
