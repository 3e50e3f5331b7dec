// Package config turns the YAML file into typed settings. It reports
// everything that is wrong at once, each error with its path and line.
//
// [Load] goes four steps:
//
//  1. the file becomes a tree of nodes that know their file and line; a key
//     given twice is found here (tree.go);
//  2. the files of `include` are merged into it (include.go);
//  3. each section is read by its own function, through [value] and [table],
//     which check types, unknown keys, names and ${NAME} (value.go, table.go,
//     scalar.go; then server.go, calendars.go, customers.go, people.go,
//     desk.go, policies.go, route.go, sources.go, channels.go, push.go);
//  4. if nothing is wrong, the finished rules are asked what looks doubtful
//     (warn*.go).
//
// Reading goes on after an error: a wrong value counts as not given. If this
// version cannot do something, the error says so.
//
// A secret has the type [Secret], which no format and no encoder prints. No
// message quotes a secret.
package config
