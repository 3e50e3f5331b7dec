// Package web is what people and scripts meet over HTTP: the API under
// /api/v1/, the page behind a person's link at /a/{token}, and the probes.
//
// [New] builds a [Server] from its [Options]; [Server.Handler] serves one table
// of routes (routes.go), which openapi.json describes and a test holds against
// it. A request goes the same way on each route: the table says which role it
// needs (auth.go), the handler does its work and returns an error or nil, and
// one place turns an error into a status (errors.go). Handlers decide nothing
// about tickets: they name an [escalation.Acted] and show what came of it, in
// the shape of shape.go.
//
// Other packages mount routes of their own into that table (mount.go), and are
// told who asks: an API token, or a person who is signed in.
//
// The page (link.go, page.go, view.go) works without scripts, speaks the
// person's language by packages look and lang, and asks the store but tells it
// nothing until a button is pressed. A link that stands for several tickets shows their
// list (bundle.go, list.go), with buttons for all of them, and each one's page.
// What stands on it came from tools and people: html/template escapes all of it.
package web
