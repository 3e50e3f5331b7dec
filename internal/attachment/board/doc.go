// Package board takes the files that people attach to tickets, and hands them
// out: by the API, and to the console's pages.
package board
