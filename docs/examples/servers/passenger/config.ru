# SPDX-License-Identifier: BSD-3-Clause
#
# A Rack application that signs the path of each request with an RSA key in a token. The answer is the worker's process id
# and the signature in hexadecimal.
require_relative 'signer'

# With smart spawning this runs in the preloader, before the fork; with direct spawning, in each worker.
signer = Signer.new(ENV.fetch('CRATON_MODULE'), 'web', 'rsa', ENV.fetch('PIN_FILE'))

if defined?(PhusionPassenger)
  PhusionPassenger.on_event(:starting_worker_process) do |_forked|
    # Passenger says that it has forked, but not since when the module is initialised: craton_check_fork knows both.
    signer.reopen if signer.forked?
  end
end

run(lambda do |env|
  begin
    status = 200
    body = signer.sign(env['PATH_INFO']).unpack1('H*')
  rescue Signer::Error => e
    status = 500
    body = e.message
  end
  [status, { 'Content-Type' => 'text/plain' }, ["#{Process.pid} #{body}\n"]]
end)
