// Package disk says how much room a disk has left. Whatever grows without
// paging leaves some for what does (server.min_free).
package disk
