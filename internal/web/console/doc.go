// Package console is the application that one signs in to, for a phone in bed
// and a desk with two screens: the same pages, laid out by the width that they
// find.
//
// A [Console] gives its routes to web.Server (routes.go). A page is a handler in
// a file of its name, a template of the same name in pages/, and a body: what the
// template shows. [Console.show] puts it into the layout, or, where the page asks
// for itself again, answers its middle alone (layout.go). Everything can be read
// and done without JavaScript; with it (assets/console.js) forms answer without a
// reload, and a page reads itself anew when the daemon's events say that
// something changed.
//
// What can be done is done by internal/desk. The console decides nothing: what a
// role may not do is not shown here, and refused there all the same. A ticket is
// put into words by internal/web/look, which the page behind a link uses too.
package console
