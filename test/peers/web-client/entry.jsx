// The client as its own web page starts it, with a session that is there already (index.html).
import React from 'react'
import ReactDOM from 'react-dom'
import 'matrix-js-sdk/src/browser-index'
import SdkConfig from 'matrix-react-sdk/lib/SdkConfig'
import PlatformPeg from 'matrix-react-sdk/lib/PlatformPeg'
import BasePlatform from 'matrix-react-sdk/lib/BasePlatform'
import * as languages from 'matrix-react-sdk/lib/languageHandler'

class Page extends BasePlatform {
  getHumanReadableName() {
    return 'Web'
  }
  getDefaultDeviceDisplayName() {
    return 'Web'
  }
  async getAppVersion() {
    return '1'
  }
  async getConfig() {
    return {}
  }
  async canSelfUpdate() {
    return false
  }
  async requestNotificationPermission() {
    return 'denied'
  }
  startUpdateCheck() {}
}

async function start() {
  const { hsUrl, hsName } = window.session
  PlatformPeg.set(new Page())
  SdkConfig.put({
    brand: 'Matrix',
    disable_guests: true,
    default_server_config: { 'm.homeserver': { base_url: hsUrl, server_name: hsName } },
    validated_server_config: {
      hsUrl,
      hsName,
      hsNameIsDifferent: false,
      isUrl: '',
      isDefault: true,
      isNameResolvable: true,
      warning: null,
    },
  })
  await languages.setLanguage('en')
  // Reads the configuration while it loads, so it must not be loaded before.
  const MatrixChat = require('matrix-react-sdk/lib/components/structures/MatrixChat').default
  ReactDOM.render(
    <MatrixChat
      ref={(chat) => {
        window.matrixChat = chat
      }}
      config={SdkConfig.get()}
      serverConfig={SdkConfig.get().validated_server_config}
      realQueryParams={{}}
      startingFragmentQueryParams={{}}
      enableGuest={false}
      defaultDeviceDisplayName="Web"
      onNewScreen={() => {}}
      onTokenLoginCompleted={() => {}}
    />,
    document.getElementById('matrixchat'),
  )
}

start()
