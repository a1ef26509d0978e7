// Breaking a connection as a dying server or a bad network would: the client sees a reset and no
// byte of an answer.
#pragma once

namespace weir::mock {

// Resets the connection that this process accepted on `server_port` from the loopback client at
// `client_port`. What is written to it afterwards goes nowhere.
void reset_connection(int server_port, int client_port);

// Ends all connections that this process accepted on `server_port`, whatever is under way on them,
// as the kernel does when a process dies.
void end_connections(int server_port);

}  // namespace weir::mock
