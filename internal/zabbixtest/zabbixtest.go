// Package zabbixtest starts a real Zabbix for tests: the server of Debian's
// package zabbix-server-pgsql, on a PostgreSQL of its own, and beside it the API,
// which is served by the frontend of zabbix-frontend-php.
//
// It takes about a minute, most of which fills the database, so only tests behind
// the tag "long" start one. All of it listens on loopback, at ports that the
// kernel chose, and ends with the test.
package zabbixtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// frontend is where Debian puts the PHP files.
const frontend = "/usr/share/zabbix"

// Server is a running Zabbix.
type Server struct {
	// URL is the address of its API.
	URL string
	// Admin is a session of the user Admin, who may do everything.
	Admin string
	// Version is the server's: 6.0.14.
	Version string

	trapper string // host:port
	calls   int
}

// Start starts a Zabbix with nothing but what it is shipped with. It returns
// when the server takes values and the API answers.
func Start(tb testing.TB) *Server {
	tb.Helper()
	dir := tb.TempDir()
	db := startDatabase(tb)
	s := &Server{}
	s.startAPI(tb, dir, db)
	s.startServer(tb, dir, db)
	if err := s.call("apiinfo.version", []any{}, &s.Version, ""); err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
	s.Admin = s.SignIn(tb, "Admin", "zabbix")
	// The host that it is shipped with has no agent here, and would say so.
	s.Call(tb, "host.update", map[string]any{"hostid": "10084", "status": 1}, nil)
	return s
}

// startServer starts zabbix_server. It reads its configuration anew each
// second, so that what the API makes is there soon.
func (s *Server) startServer(tb testing.TB, dir string, db *database) {
	tb.Helper()
	program := program(tb, "/usr/sbin/zabbix_server", "zabbix-server-pgsql")
	port := lowPort(tb)
	s.trapper = "127.0.0.1:" + port
	config := filepath.Join(dir, "zabbix_server.conf")
	write(tb, config, fmt.Sprintf(`LogType=console
ListenIP=127.0.0.1
ListenPort=%s
DBHost=127.0.0.1
DBPort=%s
DBName=zabbix
DBUser=zabbix
PidFile=%s/zabbix_server.pid
SocketDir=%s
AllowRoot=1
CacheUpdateFrequency=1
StartPollers=1
StartPollersUnreachable=1
StartHistoryPollers=1
StartTrappers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartAlerters=1
StartEscalators=1
StartDBSyncers=1
StartLLDProcessors=1
StartPreprocessors=1
StartTimers=1
Timeout=10
`, port, db.port, dir, dir))
	p := launch(tb, "zabbix_server", exec.Command(program, "--foreground", "--config", config))
	p.await(tb, func() error { return s.send("nobody", "nothing", "0", nil) })
}

// startAPI has PHP serve the frontend, of which only the API is asked. The
// frontend reads its configuration from a fixed path under /etc; a prepended
// line gives that class another one.
func (s *Server) startAPI(tb testing.TB, dir string, db *database) {
	tb.Helper()
	php := program(tb, "php", "php-cli")
	class := filepath.Join(frontend, "include/classes/core/CConfigFile.php")
	if _, err := os.Stat(class); err != nil {
		tb.Fatalf("zabbixtest: apt-get install zabbix-frontend-php: %v", err)
	}
	config, prepended := filepath.Join(dir, "zabbix.conf.php"), filepath.Join(dir, "prepended.php")
	write(tb, config, fmt.Sprintf(`<?php
$DB = ['TYPE' => 'POSTGRESQL', 'SERVER' => '127.0.0.1', 'PORT' => '%s', 'DATABASE' => 'zabbix', 'USER' => 'zabbix',
	'PASSWORD' => '', 'SCHEMA' => '', 'ENCRYPTION' => false, 'DOUBLE_IEEE754' => true];
$IMAGE_FORMAT_DEFAULT = 'PNG';
`, db.port))
	write(tb, prepended, fmt.Sprintf(`<?php
eval('?>'.str_replace('/etc/zabbix/zabbix.conf.php', '%s', file_get_contents('%s')));
`, config, class))
	address := "127.0.0.1:" + freePort(tb)
	s.URL = "http://" + address + "/api_jsonrpc.php"
	p := launch(tb, "the API", exec.Command(php, "-d", "auto_prepend_file="+prepended, "-d", "date.timezone=UTC", "-d", "memory_limit=512M",
		"-d", "max_execution_time=300", "-d", "post_max_size=16M", "-d", "display_errors=0", "-S", address, "-t", frontend))
	p.await(tb, func() error { return s.call("apiinfo.version", []any{}, nil, "") })
}

// Watched is a host with one item, which [Server.Send] sets, and a trigger that
// fires above 90; after [Server.Settle].
type Watched struct {
	Host, Key string // as Send wants them
	HostID    string
	ItemID    string
	TriggerID string
}

// Watch makes one. Its tags are "name:value".
func (s *Server) Watch(tb testing.TB, host, key, trigger string, severity int, tags ...string) Watched {
	tb.Helper()
	w := Watched{Host: host, Key: key}
	w.HostID = s.Host(tb, host, tags...)
	w.ItemID = s.Create(tb, "item.create", map[string]any{"hostid": w.HostID, "name": key, "key_": key, "type": 2, "value_type": 0}, "itemids")
	w.TriggerID = s.Create(tb, "trigger.create", map[string]any{
		"description": trigger, "expression": fmt.Sprintf("last(/%s/%s)>90", host, key), "priority": severity,
		"opdata": "{ITEM.LASTVALUE1} %", "comments": "Free some of it.",
	}, "triggerids")
	return w
}

// Settle waits until the server has read all that the API was asked to make: items
// are read before triggers and actions, so what is sent too early is taken and
// judged by nothing. It makes an item of that host and waits until the server
// knows it, twice, so that a whole reading lies between.
func (s *Server) Settle(tb testing.TB, w *Watched) {
	tb.Helper()
	for range 2 {
		s.calls++
		key := "settled." + strconv.Itoa(s.calls)
		s.Create(tb, "item.create", map[string]any{"hostid": w.HostID, "name": key, "key_": key, "type": 2, "value_type": 0}, "itemids")
		s.Send(tb, w.Host, key, "0")
	}
}

// Host makes a host in a group of its own. It returns its id.
func (s *Server) Host(tb testing.TB, host string, tags ...string) string {
	tb.Helper()
	group := s.Create(tb, "hostgroup.create", map[string]any{"name": "group of " + host}, "groupids")
	list := []map[string]string{}
	for _, tag := range tags {
		name, value, _ := strings.Cut(tag, ":")
		list = append(list, map[string]string{"tag": name, "value": value})
	}
	return s.Create(tb, "host.create", map[string]any{"host": host, "groups": []any{map[string]string{"groupid": group}}, "tags": list}, "hostids")
}

// Create calls a method of the API that makes one thing, and returns the id
// under that name.
func (s *Server) Create(tb testing.TB, method string, params any, ids string) string {
	tb.Helper()
	var made map[string][]string
	s.Call(tb, method, params, &made)
	if len(made[ids]) != 1 {
		tb.Fatalf("zabbixtest: %s answered %v", method, made)
	}
	return made[ids][0]
}

// User makes a user of the administrators, and returns the id.
func (s *Server) User(tb testing.TB, username, name, surname, password string) string {
	tb.Helper()
	return s.Create(tb, "user.create", map[string]any{
		"username": username, "name": name, "surname": surname, "passwd": password, "roleid": "3",
		"usrgrps": []any{map[string]string{"usrgrpid": "7"}},
	}, "userids")
}

// Token makes a token of the API for that user.
func (s *Server) Token(tb testing.TB, userID string) string {
	tb.Helper()
	s.calls++
	id := s.Create(tb, "token.create", map[string]any{"name": "token " + strconv.Itoa(s.calls), "userid": userID}, "tokenids")
	var made []struct{ Token string }
	s.Call(tb, "token.generate", []string{id}, &made)
	if len(made) != 1 {
		tb.Fatalf("zabbixtest: token.generate answered %v", made)
	}
	return made[0].Token
}

// Problem is the id of the event of a trigger's open problem. It waits until
// there is one.
func (s *Server) Problem(tb testing.TB, triggerID string) string {
	tb.Helper()
	var list []struct{ EventID string }
	Await(tb, "a problem", func() error {
		list = nil
		s.Call(tb, "problem.get", map[string]any{"objectids": triggerID, "output": []string{"eventid"}}, &list)
		if len(list) != 1 {
			return fmt.Errorf("%d problems", len(list))
		}
		return nil
	})
	return list[0].EventID
}
