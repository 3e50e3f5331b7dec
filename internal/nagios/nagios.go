// Package nagios knows the names that Nagios, and the tools that grew from it,
// give to what they say of a host or a service: NAGIOS_SERVICEDESC in the
// environment of Nagios's and Centreon's commands, NOTIFY_SERVICEDESC in that of
// Checkmk's, and whatever an Icinga 2 command calls it.
package nagios

import (
	"regexp"
	"slices"
	"strings"
)

// The names that a notification's fields have here.
const (
	Host         = "host"
	Service      = "service"
	Type         = "type"
	State        = "state"
	HostState    = "host_state"
	ServiceState = "service_state"
	Output       = "output"
	HostOutput   = "host_output"
	LongOutput   = "long_output"
	LongHost     = "long_host_output"
	Author       = "author"
	Comment      = "comment"
	ProblemID    = "problem_id"
	HostProblem  = "host_problem_id"
	Alias        = "host_alias"
	Address      = "address"
	Since        = "since"
	HostSince    = "host_since"
	At           = "at"
	Notes        = "notes"
	NotesURL     = "notes_url"
	HostNotesURL = "host_notes_url"
	URL          = "url"
	HostGroups   = "host_groups"
	Groups       = "service_groups"
	What         = "what" // HOST or SERVICE
)

// macro is a field, and what the tools call it.
type macro struct {
	field string
	names []string
}

// macros are the names of the fields in the tools, without prefix, underlines
// and in capitals. Of two that are given for one field, the first counts.
var macros = []macro{
	{Host, []string{"HOSTNAME", "HOST"}},
	{Service, []string{"SERVICEDESC", "SERVICENAME", "SERVICEDESCRIPTION", "SERVICE"}},
	{Type, []string{"NOTIFICATIONTYPE", "TYPE"}},
	{State, []string{"STATE"}},
	{HostState, []string{"HOSTSTATE"}},
	{ServiceState, []string{"SERVICESTATE"}},
	{Output, []string{"SERVICEOUTPUT", "OUTPUT"}},
	{HostOutput, []string{"HOSTOUTPUT"}},
	{LongOutput, []string{"LONGSERVICEOUTPUT", "LONGOUTPUT"}},
	{LongHost, []string{"LONGHOSTOUTPUT"}},
	{Author, []string{
		"NOTIFICATIONAUTHORALIAS", "NOTIFICATIONAUTHORNAME", "NOTIFICATIONAUTHOR", "SERVICEACKAUTHOR", "HOSTACKAUTHOR", "ACKAUTHOR", "AUTHOR",
	}},
	{Comment, []string{"NOTIFICATIONCOMMENT", "SERVICEACKCOMMENT", "HOSTACKCOMMENT", "ACKCOMMENT", "COMMENT"}},
	{ProblemID, []string{"SERVICEPROBLEMID", "PROBLEMID"}},
	{HostProblem, []string{"HOSTPROBLEMID"}},
	{Alias, []string{"HOSTALIAS", "HOSTDISPLAYNAME"}},
	{Address, []string{"HOSTADDRESS", "ADDRESS"}},
	{Since, []string{"LASTSERVICESTATECHANGE", "SINCE", "LASTSTATECHANGE"}},
	{HostSince, []string{"LASTHOSTSTATECHANGE"}},
	{At, []string{"TIMET", "AT"}},
	{Notes, []string{"SERVICENOTES", "HOSTNOTES", "NOTES"}},
	{NotesURL, []string{"SERVICENOTESURL", "NOTESURL"}},
	{HostNotesURL, []string{"HOSTNOTESURL"}},
	{URL, []string{"SERVICEACTIONURL", "HOSTACTIONURL", "URL"}},
	{HostGroups, []string{"HOSTGROUPNAMES", "HOSTGROUPS"}},
	{Groups, []string{"SERVICEGROUPNAMES", "SERVICEGROUPS"}},
	{What, []string{"WHAT", "KIND"}},
}

// prefixes are what the tools put before the names.
var prefixes = []string{"NAGIOS_", "NOTIFY_", "ICINGA2_", "ICINGA_", "CENTREON_", "NAEMON_", "IC_"}

// custom are the labels that a variable of a host's or a service's own may be:
// NAGIOS__HOSTCUSTOMER. There may be passwords in others.
var custom = []string{"customer", "site", "contract", "severity", "urgency", "team"}

// Fields are what a notification says, by the names above. Names that nobody
// knows are labels, in small letters, unless they have a tool's prefix: then
// they are left out.
func Fields(given map[string]string) map[string]string {
	fields, ranks := map[string]string{}, map[string]int{}
	for name, value := range given {
		field, rank, known := fieldOf(name)
		if _, prefixed := unprefixed(strings.ToUpper(name)); !known && prefixed || strings.TrimSpace(value) == "" || literal(value) {
			continue
		}
		if was, twice := ranks[field]; twice && (was < rank || was == rank && fields[field] <= value) {
			continue // whatever the order in which a map gives them
		}
		fields[field], ranks[field] = value, rank
	}
	return fields
}

// Labels are the fields that are none of those above.
func Labels(fields map[string]string) map[string]string {
	labels := map[string]string{}
	for name, value := range fields {
		if !slices.ContainsFunc(macros, func(m macro) bool { return m.field == name }) {
			labels[name] = value
		}
	}
	return labels
}

// FromEnvironment are the fields that a tool set in the environment of its
// command: the names that it has for them, with its prefix, and those that
// nobody else would set without one. Nothing else of the environment is looked
// at: there may be passwords in it.
func FromEnvironment(environ []string) map[string]string {
	given := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		_, rank, known := fieldOf(name)
		bare, prefixed := unprefixed(name)
		switch {
		case !known, rank == 0 && customOf(bare) == "":
		case prefixed, ownName.MatchString(name):
			given[name] = value
		}
	}
	return Fields(given)
}

// ownName matches what only a tool sets without a prefix. HOSTNAME is the
// shell's.
var ownName = regexp.MustCompile(`^(NOTIFICATION[A-Z]+|SERVICE[A-Z]+|HOST(STATE|OUTPUT|ALIAS|ADDRESS|DISPLAYNAME))$`)

// literal reports whether a macro was left as it is: nobody gave it a value.
func literal(value string) bool {
	return len(value) > 2 && value[0] == '$' && value[len(value)-1] == '$' && !strings.ContainsAny(value, " \t\n")
}

// fieldOf is the field of a name, and its place among the names for that. If
// nobody knows the name, it is a label.
func fieldOf(name string) (field string, rank int, known bool) {
	bare, _ := unprefixed(strings.ToUpper(name))
	if label := customOf(bare); label != "" {
		return label, 0, true
	}
	bare = strings.ReplaceAll(bare, "_", "")
	for _, m := range macros {
		if name == m.field {
			return m.field, 0, true
		}
		if i := slices.Index(m.names, bare); i >= 0 {
			return m.field, i + 1, true
		}
	}
	return strings.ToLower(name), 0, false
}

// unprefixed is a name without a tool's prefix, and whether it had one.
func unprefixed(name string) (bare string, had bool) {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest, true
		}
	}
	return name, false
}

// customOf is the label that a variable of one's own is; empty: none.
func customOf(bare string) string {
	for _, kind := range []string{"_HOST", "_SERVICE", "HOST_", "SERVICE_", "_"} { // Checkmk: NOTIFY_HOST_CUSTOMER
		if rest, ok := strings.CutPrefix(bare, kind); ok {
			if label := strings.ToLower(strings.TrimPrefix(rest, "_")); slices.Contains(custom, label) {
				return label
			}
		}
	}
	return ""
}
