#include "simulation/trace.h"

#include <ctime>

namespace weir::simulation {

void Trace::print(const std::string& line) const {
  const auto ms = scheduler_.now().time_since_epoch().count();
  const std::time_t seconds = ms / 1000;
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  std::printf("%02d-%02d %02d:%02d:%02d.%03d  %s\n", parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
              parts.tm_min, parts.tm_sec, static_cast<int>(ms % 1000), line.c_str());
}

}  // namespace weir::simulation
