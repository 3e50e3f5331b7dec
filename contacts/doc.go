// Package contacts knows the people: how each can be reached, which groups they
// form, and who of a group is on duty at a time. It is pure: the time is always
// an argument.
//
// A [Directory] is made by [NewDirectory] from [Person]s, [Group]s and
// [Override]s and never changes; a new configuration or a new override makes
// a new one. [Directory.On] answers the question that is asked before each
// page. It goes three steps:
//
//  1. the people who are in the group all the time, [Group].People;
//  2. the people whom a calendar names that is kept elsewhere (imported.go), and
//     those whose turn it is in each [Rotation], found by arithmetic from its
//     first handover, however long ago that was (turn.go), while its calendars
//     let it name anybody (layer.go);
//  3. the overrides made by hand, in the order given, each on the result of
//     those before it (override.go).
//
// [Directory.Duty] adds since when that is so and what comes next,
// [Directory.Schedule] says it of a stretch of time, with the reason for each, and
// [Directory.Changes] lists when it may change.
package contacts
