// Package config turns the YAML file into typed settings, and says at once
// everything that is wrong with it, each error with its path and line.
//
// [Load] goes four steps:
//
//  1. the file becomes a tree of nodes that know their file and line; a key
//     given twice is found here (tree.go);
//  2. the files of `include` are merged into it (include.go);
//  3. each section is read by its own function, through [value] and [table],
//     which check types, unknown keys, names and ${NAME} (value.go, table.go,
//     scalar.go; then server.go, calendars.go, customers.go, people.go,
//     policies.go, route.go, sources.go, channels.go, push.go);
//  4. where nothing is wrong, the finished rules are asked what looks doubtful
//     (warn*.go).
//
// Reading goes on after an error: the value that is wrong counts as not given.
// What this version cannot do is an error that says so.
//
// Secrets are of type [Secret], which no format and no encoder prints; no
// message quotes one.
package config
