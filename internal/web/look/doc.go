// Package look puts a ticket into its reader's words: where it stands, what its
// alerts say, whom one can call, what can be done and what came of it. The page
// behind a link and the console show the same, each in a layout of its own.
//
// A [Viewer] is one reader at one moment. What it writes is text: templates
// escape it. A [Bar] is what one can do to a ticket, and [Seal] what a form says
// that its page showed.
package look
